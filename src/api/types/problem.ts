import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PROBLEM_CODES, type ProblemCode as Code } from '../../cluster/problems/codes.js';
import { DateTimeScalar, JsonObjectScalar } from '../scalars.js';
import { Node } from './node.js';

export const Health = Object.freeze({ OK: 'OK', DEGRADED: 'DEGRADED', DOWN: 'DOWN' } as const);
registerEnumType(Health, {
  name: 'Health',
  description: 'All problems in a word: it follows from the worst severity.',
  valuesConfig: {
    OK: { description: 'No problem is known.' },
    DEGRADED: { description: 'Everything that clients use works, and at least one WARNING is known.' },
    DOWN: {
      description: 'Something that clients or operators use does not work: a CRITICAL problem is known.',
    },
  },
});

export const Severity = Object.freeze({ WARNING: 'WARNING', CRITICAL: 'CRITICAL' } as const);
registerEnumType(Severity, {
  name: 'Severity',
  description: 'The severity of a problem.',
  valuesConfig: {
    WARNING: {
      description:
        'What clients use works. Something that protects it is gone (a replica, a member, a proxy), or an operator has to decide.',
    },
    CRITICAL: {
      description:
        'Clients are refused, the journal stands still, no change can be made, or committed data are at risk.',
    },
  },
});

const ProblemCode = Object.freeze(Object.fromEntries(Object.keys(PROBLEM_CODES).map((code) => [code, code])));
registerEnumType(ProblemCode, {
  name: 'ProblemCode',
  description: 'What kind of problem it is. A code never changes its meaning.',
  valuesConfig: Object.fromEntries(
    Object.entries(PROBLEM_CODES).map(([code, description]) => [code, { description }]),
  ),
});

@ObjectType({ description: 'What does not work because of a problem.' })
export class Consequence {
  @Field(() => String, { description: 'What does not work, for whom, as a sentence.' })
  summary!: string;

  @Field(() => Int, { description: 'The number of slots whose requests are refused.' })
  slotsUnserved!: number;

  @Field(() => Int, { description: 'The number of slots that can be read and not be written.' })
  slotsReadOnly!: number;

  @Field(() => [String], {
    description: 'Names of the binlog servers that do not serve all that they should.',
  })
  binlogServersAffected!: string[];

  @Field(() => Boolean, {
    description: 'Whether one more failure of the same kind may stop or lose something.',
  })
  redundancyLost!: boolean;
}

@ObjectType({ description: 'A way out of a problem.' })
export class Remedy {
  @Field(() => String, { description: 'What to do.' })
  title!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The mutation that does it; null when it is done outside of the API.',
  })
  mutation!: string | null;

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'Variables for the mutation, as far as they are known; null when nothing is.',
  })
  variables!: Readonly<Record<string, unknown>> | null;

  @Field(() => String, { description: 'The place in the documentation that says more.' })
  documentation!: string;
}

@ObjectType({
  implements: Node,
  description: 'Something that is not as it should be. Its code and what it is about are its identity.',
})
export class Problem extends Node {
  @Field(() => ID, { description: 'The same at every member, and as long as the problem lasts.' })
  override id!: string;

  @Field(() => ProblemCode, { description: 'What kind of problem it is.' })
  code!: Code;

  @Field(() => Severity, { description: 'The severity of the problem.' })
  severity!: keyof typeof Severity;

  @Field(() => String, { description: 'What it is about, e.g. `server/10.0.0.1:6379` or `proxy/p1`.' })
  subject!: string;

  @Field(() => String, { description: 'What is wrong, with its figures of this moment.' })
  message!: string;

  @Field(() => Consequence, { description: 'What does not work because of it.' })
  consequence!: Consequence;

  @Field(() => [Remedy], { description: 'What leads out of it, the usual way first.' })
  remedies!: Remedy[];

  @Field(() => DateTimeScalar, {
    description: 'When it was first found; a change of leader does not begin it anew.',
  })
  since!: Date;
}
