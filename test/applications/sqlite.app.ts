import { spawn, type ChildProcess } from 'node:child_process'
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { isMounted, Machine, scratch, tool, until } from '../e2e/machine.ts'
import { alive, lacking, nightlyNetwork, Stopwatch } from './nightly.ts'

const skip = lacking({ sqlite3: 'sqlite3' })
const network = await nightlyNetwork()

function sql(database: string, input: string): string {
  return tool('sqlite3', ['-bail', database], { input }).trim()
}

/** Inserts without end, one transaction after the other, and prints the number of each that was committed. */
function writer(database: string): { process: ChildProcess; committed: () => number } {
  const child = spawn('sqlite3', ['-bail', database], { stdio: ['pipe', 'pipe', 'pipe'] })
  let [printed, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  child.stdin.on('error', () => undefined)
  const first = Number(sql(database, 'SELECT coalesce(max(batch), 0) FROM rows;')) + 1
  for (let batch = first; batch < first + 5000; batch++) child.stdin.write(transaction(batch))
  const committed = () => {
    if (!printed) throw new Error(`nothing was committed: ${errors}`)
    return Number(printed.trimEnd().split('\n').at(-1))
  }
  return { process: child, committed }
}

/** Each batch is ten rows, some of them over several pages, and an update of what was there, so that half of one shows. */
function transaction(batch: number): string {
  return `BEGIN; INSERT INTO rows (batch, body) SELECT ${batch}, hex(randomblob(value * 300)) FROM generate_series(1, 10);
UPDATE total SET batches = ${batch}; DELETE FROM rows WHERE batch < ${batch} - 40; COMMIT; SELECT ${batch};\n`
}

/** Whether the database is sound and shows whole batches only, at least up to the one that was acknowledged. */
function judge(t: Test, database: string, acknowledged: number, what: string): void {
  t.equal(sql(database, 'PRAGMA integrity_check;'), 'ok', what)
  const [last, total, broken] = sql(
    database,
    `SELECT max(batch), (SELECT batches FROM total),
    (SELECT count(*) FROM (SELECT 1 FROM rows GROUP BY batch HAVING count(*) <> 10)) FROM rows;`,
  )
    .split('|')
    .map(Number)
  t.ok(last! >= acknowledged, `${what}: ${acknowledged} was committed, ${last} is there`)
  t.equal(total, last, `${what}: two tables agree`)
  t.equal(broken, 0, `${what}: batches are whole`)
}

function create(database: string, mode: string): void {
  sql(
    database,
    `PRAGMA journal_mode=${mode}; CREATE TABLE total (batches INTEGER);
INSERT INTO total VALUES (0); CREATE TABLE rows (id INTEGER PRIMARY KEY, batch INTEGER, body TEXT);
CREATE INDEX by_batch ON rows (batch); CREATE INDEX by_body ON rows (body);`,
  )
}

/** Lets sqlite3 commit for a while, kills what `kill` kills, and then sqlite3. Gives the last batch that it acknowledged. */
async function commitsUntil(kill: () => unknown, database: string, ms: number): Promise<number> {
  const { process: child, committed } = writer(database)
  const ended = new Promise((resolve) => child.on('close', resolve))
  await until(() => quietly(committed) > 0, 'the first commit')
  await new Promise((resolve) => setTimeout(resolve, ms))
  kill()
  child.kill('SIGKILL')
  await ended
  return committed()
}

function quietly(committed: () => number): number {
  try {
    return committed()
  } catch {
    return 0
  }
}

/** What another machine, with empty state and cache, shows after a commit. Its mount is read-only, so the files are copied. */
async function elsewhere(t: Test, machine: Machine, acknowledged: number): Promise<void> {
  const there = await new Machine(t, machine).mount('demo', '--read-only')
  const copy = join(scratch(t), 'data.db')
  for (const end of ['', '-wal', '-journal']) {
    if (existsSync(join(there, `data.db${end}`)))
      copyFileSync(join(there, `data.db${end}`), copy + end)
  }
  judge(t, copy, acknowledged, 'on another machine')
}

for (const mode of ['delete', 'wal']) {
  test(`a killed sqlite3 (${mode}) leaves a sound database`, { skip }, async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await machine.mount('demo', '--writeback-delay', '1s')
    const database = join(mount, 'data.db')
    create(database, mode)
    let acknowledged = 0
    for (let round = 0; round < 8; round++) {
      acknowledged = await commitsUntil(() => undefined, database, 150 + round * 97)
      if (round % 3 === 1) await machine.ok('sync', mount)
      judge(t, database, acknowledged, `round ${round}`)
    }
    await machine.ok('sync', mount)
    await elsewhere(t, machine, acknowledged)
  })

  test(`a killed daemon loses no commit of sqlite3 (${mode})`, { skip }, async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await machine.mount('demo', '--writeback-delay', '300ms')
    const database = join(mount, 'data.db')
    create(database, mode)
    let acknowledged = 0
    for (let round = 0; round < 6; round++) {
      const pid = await machine.pidOf(mount)
      const kill = () => process.kill(pid, 'SIGKILL')
      acknowledged = await commitsUntil(kill, database, 150 + round * 197)
      await until(() => !alive(pid), 'the daemon to die')
      t.ok(isMounted(mount), 'the dead mount is in the way of the next')
      await machine.ok('mount', 'demo', mount, '--writeback-delay', '300ms')
      judge(t, database, acknowledged, `round ${round}`)
    }
    await machine.ok('sync', mount)
    await elsewhere(t, machine, acknowledged)
  })

  test(`sqlite3 (${mode}) fills, changes and vacuums a database`, { skip }, async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await machine.mount('demo', '--writeback-delay', '1s')
    const watch = new Stopwatch(`SQLite ${mode}, 60 transactions and a vacuum`)
    const work = (directory: string) => {
      const database = join(directory, 'timed.db')
      create(database, mode)
      sql(database, Array.from({ length: 60 }, (_, i) => transaction(i + 1)).join(''))
      sql(database, 'VACUUM;')
      judge(t, database, 60, directory === mount ? 'mount' : 'host')
    }
    watch.start()
    work(scratch(t))
    watch.lap('host')
    watch.start()
    work(mount)
    watch.lap('mount')
    t.comment(watch.toString())
  })
}
