/** Puts one small payload together. */
export class PayloadWriter {
  private readonly parts: Buffer[] = [];

  /** In 1 to 6 bytes, the lowest first. */
  uint(value: number, bytes: number): this {
    const part = Buffer.alloc(bytes);
    part.writeUIntLE(value, 0, bytes);
    return this.bytes(part);
  }

  uint64(value: bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(value);
    return this.bytes(part);
  }

  lengthEncoded(value: number): this {
    if (value < 0xfb) return this.uint(value, 1);
    if (value <= 0xffff) return this.uint(0xfc, 1).uint(value, 2);
    if (value <= 0xffffff) return this.uint(0xfd, 1).uint(value, 3);
    return this.uint(0xfe, 1).uint64(BigInt(value));
  }

  bytes(part: Buffer): this {
    this.parts.push(part);
    return this;
  }

  text(text: string): this {
    return this.bytes(Buffer.from(text));
  }

  nulTerminated(text: string): this {
    return this.text(text).uint(0, 1);
  }

  lengthEncodedText(text: string): this {
    const part = Buffer.from(text);
    return this.lengthEncoded(part.length).bytes(part);
  }

  zeros(count: number): this {
    return this.bytes(Buffer.alloc(count));
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.parts);
  }
}
