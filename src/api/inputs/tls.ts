import { Field, InputType, registerEnumType } from 'type-graphql';
import { z } from 'zod';
import { TLS_MODES } from '../../binlog/syncer/source-options.js';
import { checkedBy } from './validate.js';

const TlsMode = Object.freeze({
  DISABLED: 'DISABLED',
  PREFERRED: 'PREFERRED',
  REQUIRED: 'REQUIRED',
  VERIFY_CA: 'VERIFY_CA',
  VERIFY_IDENTITY: 'VERIFY_IDENTITY',
} as const);
registerEnumType(TlsMode, {
  name: 'TlsMode',
  description: 'Whether a connection is encrypted, and whose certificate is accepted.',
  valuesConfig: {
    DISABLED: { description: 'Never.' },
    PREFERRED: { description: 'TLS is used when the other side can, whatever its certificate.' },
    REQUIRED: { description: 'Not without, whatever its certificate.' },
    VERIFY_CA: { description: 'Not without, and its certificate is signed by a known authority.' },
    VERIFY_IDENTITY: {
      description: 'TLS is required as with VERIFY_CA, and the certificate names the host.',
    },
  },
});

@InputType({ description: 'ca, cert and key are PEM texts; key is never shown again.' })
export class TlsInput {
  @Field(() => TlsMode, { defaultValue: 'PREFERRED', description: 'Whether, and whom to trust.' })
  mode!: keyof typeof TlsMode;

  @Field(() => String, {
    nullable: true,
    description: 'The authorities to trust; none: those that the system of the member trusts.',
  })
  ca?: string | null | undefined;

  @Field(() => String, { nullable: true, description: 'Our certificate.' })
  cert?: string | null | undefined;

  @Field(() => String, {
    nullable: true,
    description: 'The private key of the certificate; stored encrypted.',
  })
  key?: string | null | undefined;
}
const pem = z.string().max(65_536, 'A PEM text has at most 65536 characters.');
export const tls = z.object({
  mode: z.enum(TLS_MODES),
  ca: pem.nullish(),
  cert: pem.nullish(),
  key: pem.nullish(),
});
checkedBy(TlsInput, tls);
