import fc from 'fast-check'
import { test } from 'tap'
import { siteSteps, type SiteFile } from '../../src/foreign/publish/site-commands.ts'
import { blobIdFromU256 } from '../../src/terms/blob-id.ts'
import { pieceHashOf } from '../../src/terms/piece-hash.ts'

const blob = blobIdFromU256(7n)
const hash = pieceHashOf(new Uint8Array())

const paths = fc.uniqueArray(fc.nat(400), { maxLength: 400, size: 'max' })

test('a site that is changed in steps misses no file between two of them', async (t) => {
  const property = fc.property(paths, paths, fc.nat(1), (had, wanted, changedOf2) => {
    const differs = (path: number): boolean => !had.includes(path) || path % 2 === changedOf2
    const add = wanted
      .filter(differs)
      .map((path): SiteFile => ({ path: `/${path}`, blob, hash, headers: [] }))
    const remove = had.filter((path) => !wanted.includes(path) || differs(path))
    const shown = new Map(had.map((path) => [`/${path}`, 'before']))
    const steps = siteSteps({ remove: remove.map((path) => `/${path}`), add })
    if (steps.length === 0) throw new Error('a site without files is made in a step, too')
    for (const step of steps) {
      if (step.remove.length > 120 || step.add.length > 120) throw new Error('too much at once')
      for (const path of step.remove) {
        if (!shown.delete(path)) throw new Error(`${path} is taken away twice`)
      }
      for (const { path } of step.add) {
        if (shown.has(path)) throw new Error(`${path} is there already`)
        shown.set(path, 'after')
      }
      const missing = wanted.find((path) => had.includes(path) && !shown.has(`/${path}`))
      if (missing !== undefined) throw new Error(`/${missing} is missed in between`)
    }
    const now = wanted.map((path) => `/${path} ${differs(path) ? 'after' : 'before'}`).toSorted()
    const all = [...shown].map(([path, what]) => `${path} ${what}`).toSorted()
    if (JSON.stringify(now) !== JSON.stringify(all)) throw new Error('the site is another one')
  })
  t.doesNotThrow(() => fc.assert(property))
})
