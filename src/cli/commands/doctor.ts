import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { paint } from '../color.ts'

/** `walrusfs doctor`. */
export const doctor = command({
  command: 'doctor',
  describe: 'What is missing on this machine, and how to get it',
  options: {},
  run: async (_, { directories, configFile, terminal, signal }) => {
    const { examine } = await import('../../daemon/doctor.ts')
    const findings = await examine(directories, configFile, signal)
    terminal.result(findings, () =>
      findings.flatMap(({ what, isFine, isNeeded, detail, remedy }) => {
        const mark = isFine
          ? paint('green', 'ok     ', process.stdout)
          : isNeeded
            ? paint('red', 'missing', process.stdout)
            : paint('yellow', 'lacking', process.stdout)
        const line = { mark, text: `  ${what.padEnd(22)} ${detail}` }
        return remedy === undefined || isFine ? [line] : [line, `${' '.repeat(9)}→ ${remedy}`]
      }),
    )
    const missing = findings.filter(({ isFine, isNeeded }) => isNeeded && !isFine)
    if (missing.length) {
      throw new Trouble(
        'failed',
        `${missing.map(({ what }) => what).join(', ')}: without it nothing can be mounted`,
      )
    }
  },
})
