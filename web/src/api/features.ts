/** Whether this server takes files. It will; until then nobody is asked for one. */
export const TAKES_FILES = false;
