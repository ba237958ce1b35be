/** One line of a chart. */
export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** A value with its unit. */
  readonly show: (value: number | null | undefined) => string;
  /** Whether the axis has steps of 1,024. */
  readonly isBytes?: boolean;
  /** On an axis of its own, to the right. */
  readonly isSecondary?: boolean;
}
