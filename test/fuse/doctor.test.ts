import { test } from 'tap'
import { chooseDriver } from '../../src/fuse/choose-driver.ts'
import { doctorFuse } from '../../src/fuse/doctor.ts'
import { passthroughFinding } from '../../src/fuse/passthrough-finding.ts'
import { MemoryMount, whyNoMount } from './mounted.ts'

test('auto takes the kernel driver where there is one', async (t) => {
  t.equal(chooseDriver('auto', 'linux').name, 'kernel')
  t.equal(chooseDriver('auto', 'darwin').name, 'fuse-native')
  t.equal(chooseDriver('fuse-native', 'linux').name, 'fuse-native')
  t.equal(chooseDriver('kernel', 'linux').name, 'kernel')
})

test('the doctor says what is missing, and what mends it', async (t) => {
  const findings = [...(await doctorFuse()), passthroughFinding('/tmp/not/there')]
  for (const { what, isFine, detail, remedy } of findings) {
    t.ok(what.length > 0 && detail.length > 0)
    t.equal(remedy === undefined, isFine, what)
  }
  t.strictSame(
    findings.slice(0, 6).map(({ what }) => what),
    ['/dev/fuse', 'access to /dev/fuse', 'koffi', 'fusermount3', 'user_allow_other', 'fuse-native'],
  )
})

test('the doctor finds a dead mount', { skip: whyNoMount() ?? false }, async (t) => {
  const mounted = await MemoryMount.start(t)
  const find = async () => (await doctorFuse()).find(({ what }) => what.includes(mounted.dir))
  t.equal(await find(), undefined)
  mounted.child.kill('SIGKILL')
  await mounted.ended
  t.match(await find(), {
    isFine: false,
    remedy: new RegExp(`fusermount3 -uz -- '${mounted.dir}'`),
  })
})
