import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { libc } from './libc.ts'
import { isRoot } from './mount/fusermount.ts'
import { mountTable } from './mount/mount-table.ts'
import { occupationOf } from './mount/mount-point.ts'
import { loadFuseNative } from './native/fuse-native.ts'

/** One thing that mounting needs, or could use. */
export interface Finding {
  readonly what: string
  readonly isFine: boolean
  /** Nothing can be mounted without it (by this user, with the driver that `auto` takes). */
  readonly isNeeded: boolean
  readonly detail: string
  /** A command, or what to do. Undefined where nothing needs doing. */
  readonly remedy: string | undefined
}

/** What this machine and user lack for mounting, and how to get it. Changes nothing; looks at no live mount. */
export async function doctorFuse(): Promise<readonly Finding[]> {
  if (process.platform !== 'linux') return [fuseNative(true)]
  return [
    deviceThere(),
    deviceUsable(),
    systemCalls(),
    fusermount(),
    allowOther(),
    fuseNative(false),
    ...(await staleMounts()),
  ]
}

function deviceThere(): Finding {
  const isFine = succeeds(() => statSync('/dev/fuse'))
  return {
    what: '/dev/fuse',
    isFine,
    isNeeded: true,
    detail: isFine ? 'the kernel has FUSE' : 'the device is missing',
    remedy: isFine
      ? undefined
      : 'modprobe fuse (in a container: --device /dev/fuse --cap-add SYS_ADMIN)',
  }
}

function deviceUsable(): Finding {
  const { R_OK, W_OK } = constants
  const isFine = succeeds(() => accessSync('/dev/fuse', R_OK | W_OK))
  return {
    what: 'access to /dev/fuse',
    isFine,
    isNeeded: true,
    detail: isFine ? 'it may be opened' : 'this user may not open it',
    remedy: isFine ? undefined : 'sudo chmod 0666 /dev/fuse',
  }
}

function systemCalls(): Finding {
  const isFine = succeeds(libc)
  return {
    what: 'koffi',
    isFine,
    isNeeded: true,
    detail: isFine ? 'system calls can be made' : 'its binary does not load on this system',
    remedy: isFine ? undefined : 'npm install koffi, or --driver=fuse-native',
  }
}

function fusermount(): Finding {
  const path = (process.env['PATH'] ?? '').split(delimiter).map((dir) => join(dir, 'fusermount3'))
  const found = path.find((file) => succeeds(() => accessSync(file, constants.X_OK)))
  const isSetuid = found !== undefined && (statSync(found).mode & 0o4000) !== 0
  const isFine = isSetuid || (found !== undefined && isRoot())
  const missing = found === undefined ? 'not installed' : `${found} is not set-user-id root`
  return {
    what: 'fusermount3',
    isFine,
    isNeeded: !isRoot(),
    detail: isFine ? `${found}` : `${missing}: plain users cannot mount`,
    remedy: isFine ? undefined : 'sudo apt install --reinstall fuse3',
  }
}

function allowOther(): Finding {
  let isFine = isRoot()
  succeeds(() => {
    isFine ||= /^\s*user_allow_other\s*$/m.test(readFileSync('/etc/fuse.conf', 'utf8'))
  })
  return {
    what: 'user_allow_other',
    isFine,
    isNeeded: false,
    detail: isFine
      ? 'mounts may be opened to other users'
      : 'only root may open a mount to other users',
    remedy: isFine ? undefined : 'echo user_allow_other | sudo tee -a /etc/fuse.conf',
  }
}

function fuseNative(isNeeded: boolean): Finding {
  const base = { what: 'fuse-native', isNeeded }
  try {
    loadFuseNative()
    return { ...base, isFine: true, detail: 'the second driver loads', remedy: undefined }
  } catch (error) {
    const [detail, remedy] = (error as Error).message.split('; ')
    return { ...base, isFine: false, detail: detail ?? '', remedy }
  }
}

async function staleMounts(): Promise<Finding[]> {
  const ours = mountTable().filter((entry) => entry.type === 'fuse.walrusfs')
  const found = await Promise.all(
    ours.map(async ({ mountPoint }) => ({
      mountPoint,
      occupation: await occupationOf(mountPoint),
    })),
  )
  const stale = found.filter(({ occupation }) => occupation === 'stale')
  return stale.map(({ mountPoint }) => ({
    what: `the mount at ${mountPoint}`,
    isFine: false,
    isNeeded: false,
    detail: 'its daemon is gone',
    remedy: `mount again, or: fusermount3 -uz -- '${mountPoint.replaceAll("'", "'\\''")}'`,
  }))
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}
