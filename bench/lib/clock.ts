/** The monotonic clock of the machine in milliseconds: the same for all its processes, unlike `performance.now()`. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;
