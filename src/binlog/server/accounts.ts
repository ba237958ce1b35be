/** Who may log in to a binlog server. */
export interface Accounts {
  /** The password of a user; null when there is no such user. */
  passwordOf(user: string): string | null;
}
