import type { ComponentChildren } from 'preact';

export interface PanelProps {
  readonly title: string;
  /** Buttons beside the title. */
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly id?: string;
}

/** A part of a page under a title of its own. */
export function Panel({ title, tools, children, id }: PanelProps) {
  const heading = `h-${id ?? title.toLowerCase().replaceAll(/\W+/g, '-')}`;
  return (
    <section class="panel" id={id} aria-labelledby={heading}>
      <header>
        <h2 id={heading}>{title}</h2>
        <div class="tools">{tools}</div>
      </header>
      {children}
    </section>
  );
}
