export const NATIVE = 'mysql_native_password';
export const CACHING_SHA2 = 'caching_sha2_password';

/** The ways in which a client may prove that it knows a password. */
export type AuthPlugin = typeof NATIVE | typeof CACHING_SHA2;

/** The length of the salt in a greeting, without the NUL behind it. */
export const SCRAMBLE_BYTES = 20;
