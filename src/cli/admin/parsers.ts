import { InvalidArgumentError } from 'commander';

export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

const LAST_SLOT = 1023;

/** `0-511` or `7`. */
export function slotRange(text: string): SlotRange {
  const [, first, last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === undefined || from > to || to > LAST_SLOT) {
    throw new InvalidArgumentError(`Expected slots such as 7 or 0-511, at most ${LAST_SLOT}.`);
  }
  return { from, to };
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

/** Too large for a number, perhaps. */
export function wholeNumberText(text: string): string {
  if (!/^\d{1,19}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return text;
}

export function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0 || value > 86_400) {
    throw new InvalidArgumentError('Expected seconds, more than 0 and at most 86400.');
  }
  return value;
}

export function numberList(text: string): readonly number[] {
  return text.split(',').map((part) => wholeNumber(part.trim()));
}

export function list(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim());
}

/** In capitals, as the API names its states: `mark-offline` is MARK_OFFLINE. */
export function constant(text: string): string {
  return text.toUpperCase().replaceAll('-', '_');
}

export function onOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('Expected on or off.');
  return text === 'on';
}

/** `none` lifts a limit; as text, because commander takes null for an option without a value. */
export function limit(text: string): number | 'none' {
  return text === 'none' ? text : wholeNumber(text);
}

/** A time such as 2026-01-31T12:00:00Z. */
export function time(text: string): string {
  const value = new Date(text);
  if (Number.isNaN(value.getTime())) {
    throw new InvalidArgumentError('Expected a time such as 2026-01-31T12:00:00Z.');
  }
  return value.toISOString();
}
