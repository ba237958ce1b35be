import { parseDocument, YAMLParseError } from 'yaml';
import { QuorateError } from './errors.js';

/** A text is not the YAML it should be; the message is to follow the file's name. */
export class YamlError extends QuorateError {
  constructor(message: string) {
    super('YAML', message);
  }
}

/**
 * Like the parser's own `parse`, for files that may hold secrets: the parser's messages quote the text
 * around a mistake, this only says where it is. Throws a YamlError.
 */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text);
  const [mistake] = [...document.errors, ...document.warnings];
  if (mistake) {
    const { line, col } = mistake.linePos?.[0] ?? { line: 1, col: 1 };
    const what = mistake instanceof YAMLParseError ? 'no valid YAML' : 'a tag that means nothing here';
    throw new YamlError(`${what} at line ${line}, column ${col} (${mistake.code}).`);
  }
  try {
    return document.toJS();
  } catch {
    throw new YamlError('an alias (*name) does not resolve; put text that begins with * into quotes.');
  }
}
