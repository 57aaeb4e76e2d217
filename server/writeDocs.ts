import { writeFileSync } from 'node:fs';
import { generatedDocs, projectPath } from './generatedDocs.ts';

for (const [path, text] of Object.entries(generatedDocs())) writeFileSync(projectPath(path), text);
