import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../state/context.js';
import type { Live } from '../state/live.js';
import { linkTo, linkToObject } from './router.js';

const SHOWN = 8;

interface Hit {
  readonly name: string;
  readonly href: string;
}

/** Finds objects by name, address or number, and the slot of any key. The key `/` goes there. */
export function Search() {
  const { live, client, notify } = useApp();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  const hits = text.trim() === '' ? [] : find(live, text.trim());
  const close = (): void => {
    setText('');
    setChosen(0);
    input.current?.blur();
  };
  const findKey = async (): Promise<void> => {
    try {
      const { number } = await client.slotOf({ key: text.trim() });
      location.hash = linkTo('redis', `slot/${number}`, { key: text.trim() });
      close();
    } catch (error) {
      notify(error instanceof Error ? error.message : String(error), 'bad');
    }
  };
  const open = (index: number): void => {
    const hit = hits[index];
    if (!hit) return void findKey();
    location.hash = hit.href;
    close();
  };
  return (
    <div class="search" role="search">
      <input
        ref={input}
        type="search"
        aria-label="Search"
        placeholder="Search ( / )"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') close();
          if (event.key === 'Enter') open(chosen);
          if (event.key === 'ArrowDown') setChosen(Math.min(hits.length, chosen + 1));
          if (event.key === 'ArrowUp') setChosen(Math.max(0, chosen - 1));
        }}
      />
      {text.trim() !== '' && (
        <ul>
          {hits.map(({ name, href }, index) => (
            <li class={index === chosen ? 'chosen' : undefined}>
              <a href={href} onClick={close}>
                {name}
              </a>
            </li>
          ))}
          <li class={chosen === hits.length ? 'chosen' : undefined}>
            <button type="button" onClick={() => void findKey()}>
              Slot of the key “{text.trim()}”
            </button>
          </li>
        </ul>
      )}
    </div>
  );
}

function find(live: Live, text: string): Hit[] {
  const wanted = text.toLowerCase();
  return [...everything(live)].filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, SHOWN);
}

function* everything(live: Live): Generator<Hit> {
  const hit = (name: string, target: string): Hit => ({ name, href: linkToObject(target) });
  for (const name of live.members.keys()) yield hit(`Member ${name}`, `member/${name}`);
  for (const { number, servers } of live.groups.values()) {
    yield hit(`Group ${number}`, `group/${number}`);
    for (const { address } of servers) yield hit(`Server ${address} of group ${number}`, `server/${address}`);
  }
  for (const { name, address } of live.proxies.values())
    yield hit(`Proxy ${name} at ${address}`, `proxy/${name}`);
  for (const { name, address } of live.binlogServers.values())
    yield hit(`Binlog server ${name} at ${address}`, `binlogServer/${name}`);
  for (const { id, address, serverId, hostName } of live.slaves)
    yield hit(`Slave ${hostName ?? ''} ${address}, server_id ${serverId}`, id);
  if (live.syncer?.sourceAddress) yield hit(`Source ${live.syncer.sourceAddress}`, 'syncer');
  for (const { id, title } of live.operations.values()) yield hit(`Operation: ${title}`, `operation/${id}`);
  for (const { revision, description } of live.actions) {
    yield { name: `Action: ${description}`, href: linkTo('actions', `action/${revision}`) };
  }
}
