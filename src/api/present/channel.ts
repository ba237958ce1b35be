/** The name of the only source that a cluster follows, in the ids of what is made for that source. */
export const CHANNEL = 'default';
