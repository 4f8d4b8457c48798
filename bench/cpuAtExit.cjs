/** Writes the CPU time of the process in milliseconds as the last line of standard error. Loaded by `--require`. */
const { writeSync } = process.getBuiltinModule('node:fs');

process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(2, `\n${(user + system) / 1000}`);
});
