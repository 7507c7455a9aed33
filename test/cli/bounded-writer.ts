import { BoundedLog } from '../../src/cli/bounded-log.ts'

/** Writes so many numbered lines of 100 bytes to a file of so many bytes at most, which standard error is. */
const [file, maxBytes, lines] = process.argv.slice(2)
const bounded = new BoundedLog(file!, Number(maxBytes))
for (let i = 0; i < Number(lines); i++) {
  const text = `${String(i).padEnd(99, '.')}\n`
  bounded.makeRoom(text.length)
  process.stderr.write(text)
}
