/** By this variable of a binlog server its clients know, our own syncer included, what it is. */
export const VERSION_COMMENT = 'Quorate binlog server';
