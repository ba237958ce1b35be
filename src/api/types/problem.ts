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
        'Clients are served. Something that protects it is gone (a replica, a member, a proxy), or an operator has to decide.',
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
  description: 'The kind of a problem. A code never changes its meaning.',
  valuesConfig: Object.fromEntries(
    Object.entries(PROBLEM_CODES).map(([code, description]) => [code, { description }]),
  ),
});

@ObjectType({ description: 'The consequence of a problem.' })
export class Consequence {
  @Field(() => String, { description: 'A sentence that says what does not work, and for whom.' })
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
  @Field(() => String, { description: 'The step as a sentence.' })
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

  @Field(() => ProblemCode, { description: 'The kind of the problem.' })
  code!: Code;

  @Field(() => Severity, { description: 'The severity of the problem.' })
  severity!: keyof typeof Severity;

  @Field(() => String, {
    description: 'The object that has the problem, e.g. `server/10.0.0.1:6379` or `proxy/p1`.',
  })
  subject!: string;

  @Field(() => String, { description: 'The problem as a sentence, with its figures of this moment.' })
  message!: string;

  @Field(() => Consequence, { description: 'The consequence: what does not work because of the problem.' })
  consequence!: Consequence;

  @Field(() => [Remedy], { description: 'Ways out of the problem, the usual one first.' })
  remedies!: Remedy[];

  @Field(() => DateTimeScalar, {
    description: 'The time at which the problem was first found; a change of leader does not begin it anew.',
  })
  since!: Date;
}
