import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { release } from 'node:os'
import { dirname } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Finding } from './doctor.ts'

/** Linux that has FUSE passthrough. */
const firstRelease = [6, 9] as const
/** Bit of CAP_SYS_ADMIN in capabilities(7). */
const sysAdmin = 21n
/** Magic numbers of statfs(2) whose files stand on those of another file system. */
const stacked: Readonly<Record<number, string>> = { 0x794c7630: 'overlayfs', 0x65735546: 'FUSE' }

/** Whether `--passthrough` would work here for a cache in this directory; nothing needs it. */
export function passthroughFinding(cache: string): Finding {
  const [missing, remedy] =
    kernelLacks() ?? rightLacks() ?? cacheLacks(cache) ?? ([undefined, undefined] as const)
  return {
    what: 'passthrough',
    isFine: missing === undefined,
    isNeeded: false,
    detail: missing ?? 'mount --read-only --passthrough lets the kernel read whole files by itself',
    remedy,
  }
}

type Lack = readonly [missing: string, remedy: string]

function kernelLacks(): Lack | undefined {
  const [major = 0, minor = 0] = release().split('.').map(Number)
  const remedy = 'mount without --passthrough, or use Linux 6.9 or later'
  if (major < firstRelease[0] || (major === firstRelease[0] && minor < firstRelease[1])) {
    return [`Linux ${release()} has no FUSE passthrough`, remedy]
  }
  if (/^# CONFIG_FUSE_PASSTHROUGH is not set/m.test(kernelConfig())) {
    return ['this kernel was built without FUSE passthrough', remedy]
  }
  return undefined
}

/** Empty where it is not to be had. */
function kernelConfig(): string {
  const packed = '/proc/config.gz'
  const plain = `/boot/config-${release()}`
  try {
    if (existsSync(packed)) return gunzipSync(readFileSync(packed)).toString()
    return readFileSync(plain, 'utf8')
  } catch {
    return ''
  }
}

function rightLacks(): Lack | undefined {
  const [, set = '0'] =
    /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  if ((BigInt(`0x${set}`) >> sysAdmin) & 1n) return undefined
  return ['this user may not give the kernel files (CAP_SYS_ADMIN)', 'mount as root']
}

function cacheLacks(cache: string): Lack | undefined {
  let there = cache
  while (!existsSync(there)) there = dirname(there)
  const system = stacked[statfsSync(there).type]
  if (system === undefined) return undefined
  return [
    `${cache} lies on ${system}: the kernel takes no files from there`,
    'put the cache on a local disk',
  ]
}
