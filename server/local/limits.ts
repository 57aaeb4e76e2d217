import { USAGE, limitArguments } from './limitArguments.ts';
import { operatorCommand } from './operatorCommand.ts';
import { operatorConfig } from './operatorConfig.ts';
import { organizationLimits } from './organizationLimits.ts';

await operatorCommand({
  name: 'org:limits',
  usage: USAGE,
  indent: 2,
  run: async (args) => {
    const { organization, ...change } = limitArguments(args);
    return organizationLimits(operatorConfig(process.env), organization, change);
  },
});
