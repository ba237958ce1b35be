import 'reflect-metadata';
import { Field, InputType } from 'type-graphql';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkedBy } from '../../../src/api/inputs/validate.js';
import { createSchema } from '../../../src/api/schema.js';

/** In a file of its own: what it declares stays in the schema of its process. */
class ForgottenInput {}
InputType({ description: 'An input that nobody checks.' })(ForgottenInput);
Field(() => String, { description: 'Any text.' })(ForgottenInput.prototype, 'name');

test('an input or a field that nothing checks is refused when the schema is made', async () => {
  await expect(createSchema()).rejects.toThrow('Nothing checks ForgottenInput:');
  checkedBy(ForgottenInput, z.object({}));
  await expect(createSchema()).rejects.toThrow('Nothing checks ForgottenInput.name.');
  checkedBy(ForgottenInput, z.object({ name: z.string(), other: z.string() }));
  await expect(createSchema()).rejects.toThrow('ForgottenInput has no field other.');
  checkedBy(ForgottenInput, z.object({ name: z.string() }));
  await expect(createSchema()).resolves.toBeDefined();
});
