/** One tab each: what a person tries first, in the order of a first hour. */
export const EXAMPLES: readonly string[] = [
  `# The cluster at a glance. With tokens configured, put yours into the Headers tab below:
#   { "Authorization": "Bearer qt_..." }
query Overview {
  cluster {
    name
    health
    problems { severity subject message since }
    leader { name }
    coordinator { kind reachable revision }
  }
  groups { number slotCount servers { address type reachable keys } }
  proxies { name address state sessions opsPerSecond }
  slotRanges { from to status group { number } }
}
`,
  `# Two groups with a Redis server each, and the slots. Put the addresses of your servers.
mutation CreateGroups {
  one: createGroup(input: { number: 1 }) { userErrors { code path message } revision }
  two: createGroup(input: { number: 2 }) { userErrors { code path message } revision }
}

mutation AddServers {
  one: addServer(input: { group: 1, address: "127.0.0.1:6379" }) { userErrors { code path message } }
  two: addServer(input: { group: 2, address: "127.0.0.1:6380" }) { userErrors { code path message } }
}

mutation CreateSlots {
  initSlots { userErrors { code message } }
  assignSlots(input: { from: 0, to: 1023, group: 1 }) { userErrors { code message } }
}
`,
  `# Move half of the slots while clients keep working. With dryRun: true it only says what would move.
mutation MoveSlots {
  moveSlots(input: { from: 0, to: 511, targetGroup: 2, dryRun: false }) {
    userErrors { code path message }
    revision
    operation { id title state }
    plan { slot fromGroup toGroup }
  }
}
`,
  `# Every operation that is under way, live.
subscription Progress {
  operationProgress { id title state done total rate etaSeconds error }
}
`,
  `# Every change, live: who, what, when, at which revision.
subscription Changes {
  actions { revision at type target description actor receivers { proxy confirmedAt } }
}
`,
];
