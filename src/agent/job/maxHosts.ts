/** The maximum number of hosts on one machine. Each host is a process with its own folders. */
export const MAX_HOSTS = 100;
