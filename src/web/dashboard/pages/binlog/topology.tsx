import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Badge } from '../../parts/badge.js';
import { useLive } from '../../state/context.js';
import { drawPicture, type PictureEdge, type PictureNode } from './picture.js';
import { pathBetween, type EdgePath } from './edge-path.js';

interface DrawnEdge extends PictureEdge, EdgePath {}

/** The way of the binlog as one picture: boxes in columns, and lines between them as the boxes came to lie. */
export function Topology() {
  const picture = drawPicture(useLive('syncer', 'members', 'binlogServers', 'slaves'));
  const frame = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<{ readonly key: string; readonly edges: readonly DrawnEdge[] }>({
    key: '',
    edges: [],
  });
  const [width, setWidth] = useState(0);

  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const origin = frame.current!.getBoundingClientRect();
    const boxes = new Map(
      [...frame.current!.querySelectorAll<HTMLElement>('[data-node]')].map((box) => [
        box.dataset['node'],
        box,
      ]),
    );
    const edges = picture.edges.flatMap((edge) => {
      const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
      if (!from || !to) return [];
      return [{ ...edge, ...pathBetween(from.getBoundingClientRect(), to.getBoundingClientRect(), origin) }];
    });
    const key = JSON.stringify(edges);
    if (key !== drawn.key) setDrawn({ key, edges });
  }, [JSON.stringify(picture), width]);

  return (
    <div class="topology" ref={frame}>
      <svg aria-hidden="true">
        {drawn.edges.map(({ from, to, path, tone }) => (
          <path key={`${from} ${to}`} d={path} class={tone} />
        ))}
      </svg>
      {drawn.edges.map(({ from, to, label, x, y }) =>
        label === '' ? null : (
          <span key={`${from} ${to}`} class="edge" style={{ left: `${x}px`, top: `${y}px` }}>
            {label.split(', ').map((line) => (
              <span>{line}</span>
            ))}
          </span>
        ),
      )}
      {picture.columns.map((nodes) => (
        <ul key={nodes[0]!.kind}>
          {nodes.map((node) => (
            <Node key={node.id} node={node} />
          ))}
        </ul>
      ))}
    </div>
  );
}

function Node({ node: { id, title, kind, state, lines, href } }: { node: PictureNode }) {
  return (
    <li data-node={id}>
      <a href={href}>
        <small>{kind}</small>
        <strong>{title}</strong>
        {state !== null && <Badge state={state} />}
        {lines.map((line) => (
          <small>{line}</small>
        ))}
      </a>
    </li>
  );
}
