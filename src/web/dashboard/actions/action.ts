import type { ComponentChildren } from 'preact';
import type { documents } from '../../../sdk/generated/documents.js';
import type { Role } from '../state/context.js';

type Documents = typeof documents;

/** The mutations, by the names of their methods in the SDK. */
export type MutationName = {
  [Name in keyof Documents]: Documents[Name]['kind'] extends 'mutation' ? Name : never;
}[keyof Documents];

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** What somebody fills in; `name` is a path in the mutation's input, such as `tls.mode`. */
export interface FieldSpec {
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'number' | 'password' | 'lines' | 'time' | 'check' | 'choice' | 'area';
  readonly choices?: readonly Choice[];
  readonly initial?: string | boolean;
  readonly isRequired?: boolean;
  readonly help?: string;
  readonly placeholder?: string;
  /** Offered to this role and above. */
  readonly role?: Role;
  /** What is chosen is sent as a number. */
  readonly isNumber?: boolean;
  /** Left empty it is sent as null, which lifts a limit. */
  readonly isNullable?: boolean;
}

export type Input = Readonly<Record<string, unknown>>;

/** What a mutation answered. */
export type Payload = Readonly<Record<string, unknown>>;

/** A mutation as it is offered to people. */
export interface ActionSpec {
  readonly method: MutationName;
  /** Such as `Move slots`. */
  readonly title: string;
  /** On its button, when that is not the title. */
  readonly label?: string;
  /** OPERATOR unless told. */
  readonly role?: Role;
  readonly fields: readonly FieldSpec[];
  /** What of the input is known before anybody fills in anything. */
  readonly fixed?: Input;
  /** The mutation can tell beforehand what it would do. */
  readonly hasPreview?: boolean;
  /** What has to be typed before it is done, because it destroys something; with `onlyForced`, when `force` is chosen. */
  readonly destroys?: { readonly name: string; readonly onlyForced?: boolean };
  /** What whoever does it has to know. */
  readonly note?: ComponentChildren;
  /** It was done: what to do next. The dialog stays open to show it. */
  readonly next?: (payload: Payload, input: Input) => ComponentChildren;
}
