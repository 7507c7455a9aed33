import type { Argv } from 'yargs'
import { command } from '../command.ts'

const shells = ['bash', 'zsh', 'fish'] as const

/** `walrusfs completion`. */
export const completion = command({
  command: 'completion <shell>',
  describe: 'Print what makes a shell complete commands, flags, drives and mount points',
  epilog: `bash: walrusfs completion bash > ~/.local/share/bash-completion/completions/walrusfs, or in ~/.bashrc: source <(walrusfs completion bash)
zsh: walrusfs completion zsh > DIR/_walrusfs with DIR in fpath, or in ~/.zshrc after compinit: source <(walrusfs completion zsh)
fish: walrusfs completion fish > ~/.config/fish/completions/walrusfs.fish`,
  positionals: (argv: Argv) =>
    argv.positional('shell', { choices: shells, describe: 'Which shell' }),
  options: {
    shell: { choices: shells, hidden: true, demandOption: true },
  },
  run: async ({ shell }) => {
    const { completionScript } = await import('../completion/completion-script.ts')
    process.stdout.write(await completionScript(shell))
  },
})
