/** What a part of the page may depend on. */
export type Topic =
  | 'actions'
  | 'binlogServers'
  | 'cluster'
  | 'connection'
  | 'groups'
  | 'journal'
  | 'limits'
  | 'members'
  | 'operations'
  | 'proxies'
  | 'slaves'
  | 'slots'
  | 'syncer'
  | 'throughput';

/** People see no more; each time costs the page. */
const FLUSH_MS = 300;
/** A redraw that takes long is followed by a rest so many times as long. */
const REST = 5;

/** Tells whoever depends on a topic that it has changed, at most three times a second, less often where that takes long, and never while nobody looks. */
export class Topics {
  private readonly listeners = new Set<{
    readonly topics: readonly Topic[];
    readonly listener: () => void;
  }>();
  private readonly dirty = new Set<Topic>();
  private restMs = FLUSH_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly onVisible = (): void => this.schedule();

  constructor() {
    document.addEventListener('visibilitychange', this.onVisible);
  }

  /** Returns the way to end it. */
  listen(topics: readonly Topic[], listener: () => void): () => void {
    const entry = { topics, listener };
    this.listeners.add(entry);
    return () => void this.listeners.delete(entry);
  }

  change(topic: Topic): void {
    this.dirty.add(topic);
    this.schedule();
  }

  stop(): void {
    clearTimeout(this.timer);
    document.removeEventListener('visibilitychange', this.onVisible);
    this.listeners.clear();
  }

  private schedule(): void {
    if (document.hidden || this.dirty.size === 0) return;
    this.timer ??= setTimeout(() => this.flush(), this.restMs);
  }

  private flush(): void {
    this.timer = undefined;
    this.measure();
    const changed = new Set(this.dirty);
    this.dirty.clear();
    for (const { topics, listener } of [...this.listeners])
      if (topics.some((topic) => changed.has(topic))) listener();
  }

  /** How long it takes until the next frame has been drawn decides when the one after it may begin. */
  private measure(): void {
    requestAnimationFrame((beginning) => {
      setTimeout(() => (this.restMs = Math.max(FLUSH_MS, REST * (performance.now() - beginning))));
    });
  }
}
