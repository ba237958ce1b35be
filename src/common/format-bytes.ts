const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** For people: `512 bytes`, `1.5 KiB`, `16 MiB`. */
export function formatBytes(bytes: number): string {
  let [amount, unit] = [bytes, 0];
  for (; amount >= 1_024 && unit < UNITS.length - 1; unit++) amount /= 1_024;
  return `${Math.round(amount * 10) / 10} ${amount === 1 && unit === 0 ? 'byte' : UNITS[unit]}`;
}
