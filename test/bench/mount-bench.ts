import { spawnSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SuiGrpcClient } from '@mysten/sui/grpc'
import { WalrusClient } from '@mysten/walrus'
import { Machine, tool } from '../e2e/machine.ts'
import { ProbedMount } from './probed-mount.ts'
import type { Comparison } from './ratio-table.ts'
import { withRclone } from './rclone-mount.ts'
import { statWhileStoring } from './stat-while-storing.ts'

const megabyte = 1 << 20
const fileBytes = 64 * megabyte
const rounds = 3

interface DevnetStatus {
  readonly suiUrl: string
  readonly systemObjectId: string
  readonly stakingPoolId: string
  readonly blobIds: readonly string[]
}

/** A bench's stand-in for a test: what is to be undone at its end. */
class Ends {
  readonly #undo: (() => unknown)[] = []

  teardown(undo: () => unknown): void {
    this.#undo.push(undo)
  }

  setTimeout(): void {}

  async run(): Promise<void> {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) await undo()
  }
}

/** Measures a mount on the devnet against the host's disk, rclone mount (where it is installed) and the official SDK. */
export async function mountBench(): Promise<readonly Comparison[]> {
  const ends = new Ends()
  const host = mkdtempSync(join(tmpdir(), 'walrusfs-bench-'))
  ends.teardown(() => rmSync(host, { recursive: true, force: true }))
  try {
    const machine = new Machine(ends)
    await machine.startDevnet()
    await machine.create()
    const patient = ['--writeback-delay', '10m', '--writeback-size', '1T']
    const probed = await ProbedMount.open(machine, ...patient)
    const mount = probed.path
    const local = [...localBench(mount, host), ...(await rcloneBench(mount, ends))]
    await machine.ok('sync', mount)
    local.push(...(await statWhileStoring(machine, probed)))
    return [...local, ...(await networkBench(machine, ends, mount, host))]
  } finally {
    await ends.run()
  }
}

function localBench(mount: string, host: string): Comparison[] {
  const write = inTurn(
    () => writeRate(join(mount, 'large')),
    () => writeRate(join(host, 'large')),
  )
  const hot = inTurn(
    () => readRate(join(mount, 'large')),
    () => readRate(join(host, 'large')),
  )
  const create = inTurn(
    (round) => createRate(join(mount, `small-${round}`)),
    (round) => createRate(join(host, `small-${round}`)),
  )
  const stat = inTurn(
    () => listRate(mount),
    () => listRate(host),
  )
  return [
    {
      measure: 'write 64 MiB until close',
      against: 'host disk',
      better: 'higher',
      unit: 'MB/s',
      ...write,
    },
    {
      measure: 'read 64 MiB again (page cache)',
      against: 'host page cache',
      better: 'higher',
      unit: 'MB/s',
      ...hot,
      goal: 0.9,
    },
    {
      measure: 'create 2,000 × 4 KiB',
      against: 'host disk',
      better: 'higher',
      unit: 'files/s',
      ...create,
    },
    {
      measure: 'find -ls of 6,000 files',
      against: 'host disk',
      better: 'higher',
      unit: 'files/s',
      ...stat,
    },
  ]
}

async function rcloneBench(mount: string, ends: Ends): Promise<Comparison[]> {
  return withRclone(ends, (other) => {
    const write = inTurn(
      () => writeRate(join(mount, 'large')),
      () => writeRate(join(other, 'large')),
    )
    const create = inTurn(
      (round) => createRate(join(mount, `rc-${round}`)),
      (round) => createRate(join(other, `rc-${round}`)),
    )
    const against = 'rclone mount, full cache'
    return [
      {
        measure: 'write 64 MiB until close',
        against,
        better: 'higher',
        unit: 'MB/s',
        ...write,
        goal: 2,
      },
      {
        measure: 'create 2,000 × 4 KiB',
        against,
        better: 'higher',
        unit: 'files/s',
        ...create,
        goal: 5,
      },
    ]
  })
}

async function networkBench(
  machine: Machine,
  ends: Ends,
  mount: string,
  host: string,
): Promise<Comparison[]> {
  const devnet = await machine.json<DevnetStatus>('devnet', 'status')
  const cold: number[] = []
  const random: number[] = []
  const sdk: number[] = []
  const sdkWhole: number[] = []
  for (let round = 0; round < rounds; round++) {
    const other = new Machine(ends, machine)
    const there = await other.mount('demo', '--read-only')
    random.push(await seconds(() => readAt(join(there, 'large'), 20 * megabyte + round * megabyte)))
    await other.ok('umount', there)
    other.forget()
    const again = await other.mount('demo', '--read-only')
    cold.push(readRate(join(again, 'large')))
    await other.ok('umount', again)
    const { perMegabyte, wholeBlob } = await sdkRead(devnet)
    sdk.push(1 / perMegabyte)
    sdkWhole.push(wholeBlob)
  }
  dropPageCache()
  const warm = inTurn(
    () => (dropPageCache(), readRate(join(mount, 'large'))),
    () => (dropPageCache(), readRate(join(host, 'large'))),
  )
  return [
    {
      measure: 'read 64 MiB from an empty cache',
      against: 'readBlob of the SDK',
      better: 'higher',
      unit: 'MB/s',
      ours: cold,
      theirs: sdk,
      goal: 50,
    },
    {
      measure: 'read 1 MiB of it, cold',
      against: 'the SDK’s whole blob',
      better: 'lower',
      unit: 's',
      ours: random,
      theirs: sdkWhole,
      goal: 50,
    },
    {
      measure: 'read 64 MiB (disk cache, no page cache)',
      against: 'host disk',
      better: 'higher',
      unit: 'MB/s',
      ...warm,
      goal: 0.5,
    },
  ]
}

/** The file that is read lies in packs of the usual size: the largest of the first blobs is one of them. */
const blobsLookedAt = 3

async function sdkRead(devnet: DevnetStatus): Promise<{ perMegabyte: number; wholeBlob: number }> {
  const walrus = new WalrusClient({
    packageConfig: { systemObjectId: devnet.systemObjectId, stakingPoolId: devnet.stakingPoolId },
    suiClient: new SuiGrpcClient({ network: 'localnet', baseUrl: devnet.suiUrl }),
    storageNodeUrlScheme: 'http',
  })
  let bytes = 0
  let wholeBlob = NaN
  for (const blobId of devnet.blobIds.slice(0, blobsLookedAt)) {
    let length = 0
    const took = await seconds(async () => (length = (await walrus.readBlob({ blobId })).length))
    if (length > bytes) [bytes, wholeBlob] = [length, took]
  }
  return { perMegabyte: wholeBlob / (bytes / 1e6), wholeBlob }
}

/** Ours and theirs one after the other, round by round. */
function inTurn(
  ours: (round: number) => number,
  theirs: (round: number) => number,
): { ours: number[]; theirs: number[] } {
  const result = { ours: [] as number[], theirs: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    result.ours.push(ours(round))
    result.theirs.push(theirs(round))
  }
  return result
}

/** Nothing that could be made smaller; each file differs in each megabyte. */
const content = randomFillSync(Buffer.alloc(fileBytes))

function writeRate(path: string): number {
  for (let at = 0; at < fileBytes; at += megabyte) content.writeDoubleLE(Math.random(), at)
  const began = performance.now()
  const fd = openSync(path, 'w')
  for (let at = 0; at < fileBytes; at += megabyte) writeSync(fd, content, at, megabyte)
  closeSync(fd)
  return fileBytes / 1e3 / (performance.now() - began)
}

function readRate(path: string): number {
  const buffer = Buffer.alloc(megabyte)
  const began = performance.now()
  const fd = openSync(path, 'r')
  let bytes = 0
  for (let got = readSync(fd, buffer); got > 0; got = readSync(fd, buffer)) bytes += got
  closeSync(fd)
  return bytes / 1e3 / (performance.now() - began)
}

function readAt(path: string, offset: number): void {
  const fd = openSync(path, 'r')
  readSync(fd, Buffer.alloc(megabyte), 0, megabyte, offset)
  closeSync(fd)
}

function createRate(directory: string): number {
  mkdirSync(directory)
  const bytes = Buffer.alloc(4096, 'x')
  const began = performance.now()
  for (let i = 0; i < 2000; i++) writeFileSync(join(directory, `f${i}`), bytes)
  return 2000 / ((performance.now() - began) / 1e3)
}

function listRate(root: string): number {
  const began = performance.now()
  const files = tool('find', [root, '-ls']).split('\n').length
  return files / ((performance.now() - began) / 1e3)
}

async function seconds(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1e3
}

/** Needs root; elsewhere the page cache helps both sides alike. */
function dropPageCache(): void {
  spawnSync('sync')
  try {
    const fd = openSync('/proc/sys/vm/drop_caches', 'w')
    writeSync(fd, '3')
    closeSync(fd)
  } catch {
    // Not root.
  }
}
