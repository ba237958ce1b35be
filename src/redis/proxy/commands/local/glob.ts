/**
 * A pattern as Redis matches names by it (util.c, stringmatchlen): `*`, `?`, `[a-z]`, `[^a-z]` and `\` before a character
 * that is meant as it is; letters in any case.
 */
export function globOf(pattern: string): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (character === '\\' && i + 1 < pattern.length) source += quoted(pattern[++i]!);
    else if (character === '[') {
      const end = pattern.indexOf(']', i + 1);
      const inside = end === -1 ? pattern.slice(i + 1) : pattern.slice(i + 1, end);
      const isNot = inside.startsWith('^');
      const members = (isNot ? inside.slice(1) : inside).replace(/[\\\]^[]/g, '\\$&');
      // An empty class matches nothing, its opposite anything.
      source += members === '' ? (isNot ? '.' : '(?!)') : `[${isNot ? '^' : ''}${members}]`;
      i = end === -1 ? pattern.length : end;
    } else source += quoted(character);
  }
  try {
    return new RegExp(`^${source.replace(/(\.\*)+/g, '.*')}$`, 'is');
  } catch {
    // A range that runs backwards, say.
    return /(?!)/;
  }
}

function quoted(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
