import { readFileSync } from 'node:fs'
import { KernelDriver } from '../../src/fuse/kernel/kernel-driver.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { nameFromText } from '../../src/terms/name.ts'
import { MemoryFileSystem } from './memory-file-system.ts'

/** Started by mount.fuse3 as `serve-descriptor.ts drive /dev/fd/N -o …`: says in the file `served` what it may do. */

const memory = new MemoryFileSystem()
const caller = { uid: 0, gid: 0, pid: 0, umask: undefined }
const { node, opened } = memory.create(1, nameFromText('served'), 0o100644, 2, caller)
const capabilities = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]
const words = Buffer.from(`no capabilities: ${capabilities}`)
memory.write(node.id, opened.handle, 0, words, false, caller)
memory.release(node.id, opened.handle, undefined)
await new KernelDriver().mount(memory, {
  mountPoint: process.argv[3]!,
  source: 'memory',
  readOnly: false,
  allowOther: true,
  extra: [],
  log: silentLog,
})
