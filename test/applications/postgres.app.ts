import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { Machine, noMounts, scratch, tool, until } from '../e2e/machine.ts'
import { alive, nightlyNetwork } from './nightly.ts'
import { noPostgres, PostgresCluster } from './postgres-cluster.ts'

const skip = noMounts() || noPostgres()
const network = skip ? undefined : await nightlyNetwork()
const load = ['-c', '4', '-j', '2', '--no-vacuum']
/** root runs PostgreSQL as another user, who must be let in. */
const mountFlags = [
  '--writeback-delay',
  '2s',
  ...(process.getuid?.() === 0 ? ['--allow-other'] : []),
]

async function prepare(t: Test) {
  const machine = await network!.withDrive(t)
  const mount = await machine.mount('demo', ...mountFlags)
  const host = scratch(t)
  chmodSync(host, 0o755)
  return { machine, mount, host }
}

/** A cluster with the tables of pgbench. */
async function filled(t: Test, data: string, host: string): Promise<PostgresCluster> {
  const cluster = new PostgresCluster(t, data, host)
  cluster.init()
  cluster.start()
  cluster.sql('CREATE TABLE numbers (n bigint PRIMARY KEY)')
  await cluster.benched('-i', '-s', '2', '-q')
  return cluster
}

/** What pgbench keeps: the sums of all tables agree; and what PostgreSQL itself can check. */
function judge(t: Test, cluster: PostgresCluster, what: string): void {
  const sums = cluster.sql(`SELECT (SELECT sum(abalance) FROM pgbench_accounts),
    (SELECT sum(tbalance) FROM pgbench_tellers), (SELECT sum(bbalance) FROM pgbench_branches),
    (SELECT coalesce(sum(delta), 0) FROM pgbench_history)`)
  t.equal(new Set(sums.trim().split('|')).size, 1, `${what}: all sums agree`)
  cluster.checkAll()
  t.pass(`${what}: amcheck finds nothing`)
}

test('PostgreSQL runs pgbench for a minute and restarts', { skip }, async (t) => {
  const { machine, mount, host } = await prepare(t)
  const local = await filled(t, join(host, 'data'), join(host, 'local'))
  const hostTps = await local.benched(...load, '-T', '20')
  await local.kill()

  const cluster = await filled(t, join(mount, 'data'), join(host, 'run'))
  const running = cluster.benched(...load, '-T', '60')
  for (let commit = 0; commit < 3; commit++) await machine.ok('sync', mount)
  const tps = await running
  t.comment(
    `pgbench: ${tps} transactions a second on the mount, ${hostTps} on the host's disk, time ratio ${hostTps / tps}`,
  )
  judge(t, cluster, 'after pgbench')
  const dump = cluster.dump()
  cluster.stop()
  cluster.start()
  judge(t, cluster, 'after a restart')
  t.ok(cluster.dump() === dump, 'the dump is the same after a restart')
  cluster.stop()
  await machine.ok('sync', mount)

  const there = await new Machine(t, machine).mount('demo', '--read-only')
  const copy = join(host, 'copy')
  tool('cp', ['-a', join(there, 'data'), copy])
  const restored = new PostgresCluster(t, copy, join(host, 'other'))
  restored.start()
  judge(t, restored, 'on another machine')
  t.ok(restored.dump() === dump, 'the dump is the same on another machine')
  restored.stop()
})

test('a killed PostgreSQL recovers', { skip }, async (t) => {
  const { machine, mount, host } = await prepare(t)
  const cluster = await filled(t, join(mount, 'data'), join(host, 'run'))
  for (let round = 0; round < 3; round++) {
    const acknowledged = await underLoad(cluster, round, () => cluster.kill())
    cluster.start()
    judge(t, cluster, `round ${round}`)
    t.ok(Number(cluster.sql('SELECT max(n) FROM numbers')) >= acknowledged, 'no commit is lost')
    if (round === 1) await machine.ok('sync', mount)
  }
})

test('a killed daemon loses no commit of PostgreSQL', { skip }, async (t) => {
  const { machine, mount, host } = await prepare(t)
  const cluster = await filled(t, join(mount, 'data'), join(host, 'run'))
  for (let round = 0; round < 3; round++) {
    const pid = await machine.pidOf(mount)
    const acknowledged = await underLoad(cluster, round, async () => {
      process.kill(pid, 'SIGKILL')
      await until(() => !alive(pid), 'the daemon to die')
      await cluster.kill()
    })
    await machine.ok('mount', 'demo', mount, ...mountFlags)
    cluster.start()
    judge(t, cluster, `round ${round}`)
    t.ok(Number(cluster.sql('SELECT max(n) FROM numbers')) >= acknowledged, 'no commit is lost')
  }
})

/** Lets pgbench and a counter commit, and ends what `end` ends; gives the last number that was acknowledged. */
async function underLoad(
  cluster: PostgresCluster,
  round: number,
  end: () => Promise<void>,
): Promise<number> {
  const bench = cluster.bench(...load, '-T', '120')
  const counter = cluster.counter()
  const ended = [bench, counter.process].map(
    (child) => new Promise((resolve) => child.on('close', resolve)),
  )
  await until(() => counter.acknowledged() > 0, 'the first commit')
  await new Promise((resolve) => setTimeout(resolve, 1500 + round * 1700))
  await end()
  await Promise.all(ended)
  return counter.acknowledged()
}
