import type { ProblemCode } from './codes.js';

/**
 * How bad it is.
 *
 * `CRITICAL`: something that clients or operators rely on does not work now: requests are refused, the journal stands still,
 * no change can be made, or committed data are at risk. `WARNING`: all that works, and something that protects it
 * (a replica, a member, a proxy) is gone, or somebody has to decide.
 */
export type Severity = 'WARNING' | 'CRITICAL';

/** What does not work because of a problem. */
export interface Consequence {
  /** A full sentence. */
  readonly summary: string;
  /** Slots whose requests are refused. */
  readonly slotsUnserved: number;
  /** Slots whose writes are refused while they can be read. */
  readonly slotsReadOnly: number;
  /** Names of the binlog servers that do not serve all that they should. */
  readonly binlogServersAffected: readonly string[];
  /** Whether one more failure of the same kind may stop or lose something. */
  readonly redundancyLost: boolean;
}

/** A way out. */
export interface Remedy {
  /** What to do, as a full sentence. */
  readonly title: string;
  /** The mutation that does it; null when it is done outside of the API. */
  readonly mutation: string | null;
  /** Variables for the mutation, as far as they are known. */
  readonly variables: Readonly<Record<string, unknown>> | null;
}

/** Something that is not as it should be, as a domain finds it. Code and subject together are its identity. */
export interface Finding {
  readonly code: ProblemCode;
  readonly severity: Severity;
  /** What it is about, e.g. `proxy/p1`. */
  readonly subject: string;
  /** What is wrong, with its figures: it may change while the problem stays the same one. */
  readonly message: string;
  readonly consequence: Consequence;
  readonly remedies: readonly Remedy[];
}

/** What a domain has to say of a finding; the rest has a usual value. */
export type FindingDraft = Pick<Finding, 'code' | 'severity' | 'subject' | 'message'> & {
  readonly consequence?: Partial<Consequence> & Pick<Consequence, 'summary'>;
  readonly remedies?: readonly (Pick<Remedy, 'title'> & Partial<Remedy>)[];
};

/**
 * @example
 * finding({ code: 'MEMBER_DOWN', severity: 'WARNING', subject: 'member/m2', message: 'Member m2 does not run.' })
 */
export function finding({ consequence, remedies = [], ...draft }: FindingDraft): Finding {
  return {
    ...draft,
    consequence: {
      ...{ slotsUnserved: 0, slotsReadOnly: 0, binlogServersAffected: [], redundancyLost: false },
      ...{ summary: 'Nothing that clients use is affected.' },
      ...consequence,
    },
    remedies: remedies.map((remedy) => ({ mutation: null, variables: null, ...remedy })),
  };
}

/** Two findings of one code and subject are one problem: the worse severity, and all that is said of it. */
export function merged(first: Finding, second: Finding): Finding {
  return {
    ...(second.severity === 'CRITICAL' ? second : first),
    message: first.message === second.message ? first.message : `${first.message} ${second.message}`,
    remedies: [
      ...first.remedies,
      ...second.remedies.filter(({ title }) => !first.remedies.some((each) => each.title === title)),
    ],
  };
}
