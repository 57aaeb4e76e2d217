import { toAppError } from '../../db/errors.ts';
import { AppError } from '../../services/errors/AppError.ts';
import { dataDirOf, readDotEnv } from './settings.ts';

const BAD_ARGUMENTS = 2;
const FAILED = 1;

/** What is wrong with the arguments of a command, in words for who typed them. */
export class ArgumentError extends Error {}

interface OperatorCommand {
  /** As it is typed: `org:create`. */
  name: string;
  usage: string;
  run: (args: string[]) => Promise<unknown>;
  /** Spaces by which the answer is indented; 0: one line. */
  indent: number;
}

/**
 * Runs a command of the operator with the arguments of this process: its answer as JSON on stdout, or what is wrong on stderr. Ends with 2
 * for arguments that make no sense, with the usage, and with 1 for what could not be done.
 */
export async function operatorCommand({ name, usage, run, indent }: OperatorCommand): Promise<void> {
  try {
    readDotEnv();
    process.stdout.write(`${JSON.stringify(await run(process.argv.slice(2)), null, indent)}\n`);
  } catch (error) {
    const [message, code] = explain(toAppError(error));
    process.stderr.write(`${name}: ${message}\n${code === BAD_ARGUMENTS ? `${usage}\n` : ''}`);
    process.exitCode = code;
  }
}

function explain(error: unknown): [string, number] {
  if (!(error instanceof Error)) return [String(error), FAILED];
  if (error instanceof ArgumentError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')))
    return [error.message, BAD_ARGUMENTS];
  if (!(error instanceof AppError)) return [error.message, FAILED];
  if (error.code === 'service_unavailable')
    return [`no database answers. Is npm start running with DATA_DIR ${dataDirOf(process.env)}?`, FAILED];
  if (error.code === 'not_found') return ['there is no such organization', FAILED];
  const flags = error.fields?.map(({ location, message }) => `--${location.replaceAll('_', '-')}: ${message}`).join('\n');
  return [flags ?? error.detail ?? error.message, error.code === 'validation_failed' ? BAD_ARGUMENTS : FAILED];
}
