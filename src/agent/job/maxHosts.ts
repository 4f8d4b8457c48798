/** The number is limited, because each host is a process on this machine. */
export const MAX_HOSTS = 100;
