/** A line between two boxes, and where its label stands; in pixels from the frame's corner. */
export interface EdgePath {
  readonly path: string;
  readonly x: number;
  readonly y: number;
}

type Box = Pick<DOMRect, 'left' | 'top' | 'right' | 'bottom' | 'width' | 'height'>;

/** How far a line between boxes of one column swings out at most: a long one does so further than a short one. */
const SWING = 28;
const LONG = 600;

/** From right to left between columns; down between boxes that stand above each other. */
export function pathBetween(from: Box, to: Box, origin: Pick<DOMRect, 'left' | 'top'>): EdgePath {
  const [left, top] = [origin.left, origin.top];
  if (to.left >= from.right) {
    const [x1, y1] = [from.right - left, from.top + from.height / 2 - top];
    const [x2, y2] = [to.left - left, to.top + to.height / 2 - top];
    const middle = (x1 + x2) / 2;
    return { path: `M${x1},${y1}C${middle},${y1} ${middle},${y2} ${x2},${y2}`, x: middle, y: (y1 + y2) / 2 };
  }
  const isSameColumn = Math.abs(from.left - to.left) < 2 && to.top > from.bottom && from.width < 300;
  if (isSameColumn) {
    const [x1, y1] = [from.left - left, from.top + from.height / 2 - top];
    const [x2, y2] = [to.left - left, to.top + to.height / 2 - top];
    const out = Math.min(x1, x2) - SWING * (0.4 + 0.6 * Math.min(1, (y2 - y1) / LONG));
    return {
      path: `M${x1},${y1}C${out},${y1} ${out},${y2} ${x2},${y2}`,
      x: x1 + from.width / 2,
      y: to.top - top - 10,
    };
  }
  const [x1, y1] = [from.left + from.width / 2 - left, from.bottom - top];
  const [x2, y2] = [to.left + to.width / 2 - left, to.top - top];
  return { path: `M${x1},${y1}C${x1},${y1 + SWING} ${x2},${y2 - SWING} ${x2},${y2}`, x: x2, y: y2 - 10 };
}
