import type { DocumentNode } from 'graphql';

const MAX_DOCUMENTS = 200;
/** Longer texts are rare, and would let a few clients fill the memory. */
const MAX_CHARACTERS = 20_000;

/**
 * Documents that have been found valid, by their text; the oldest make room. Subscribers with the same text
 * share the document itself, by which the execution of their events is shared.
 */
export class DocumentCache {
  private readonly documents = new Map<string, DocumentNode>();

  get(text: string): DocumentNode | undefined {
    return this.documents.get(text);
  }

  add(text: string, document: DocumentNode): void {
    if (text.length > MAX_CHARACTERS) return;
    const [oldest] = this.documents.keys();
    if (this.documents.size >= MAX_DOCUMENTS && oldest !== undefined) this.documents.delete(oldest);
    this.documents.set(text, document);
  }
}
