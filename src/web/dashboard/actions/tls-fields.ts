import type { FieldSpec } from './action.js';

const CA: FieldSpec = {
  name: 'tls.ca',
  label: 'CA certificates',
  kind: 'area',
  placeholder: 'PEM; empty: those of the system',
};

/** Encryption of a connection to a source (`isClient`), or of what we listen at. */
export function tlsFields(isClient: boolean): FieldSpec[] {
  const modes = isClient
    ? ['DISABLED', 'PREFERRED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY']
    : ['DISABLED', 'PREFERRED', 'REQUIRED'];
  return [
    {
      name: 'tls.mode',
      label: 'TLS',
      kind: 'choice',
      choices: [
        { value: '', label: 'as by default: PREFERRED' },
        ...modes.map((value) => ({ value, label: value.replaceAll('_', ' ') })),
      ],
    },
    ...(isClient ? [CA] : []),
  ];
}
