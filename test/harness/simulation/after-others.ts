import { constants, setPriority } from 'node:os';

// Schedules compute without a pause and wait for nobody: they take what the tests leave that wait for real servers.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
