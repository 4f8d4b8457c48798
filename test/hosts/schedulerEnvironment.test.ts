import process from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { hostOf } from '../../src/hosts/hostOf.js';
import { SCHEDULER_VARIABLES, schedulerEnvironment } from '../../src/hosts/schedulerVariables.js';

describe('schedulerEnvironment', () => {
  it.each(SCHEDULER_VARIABLES)('sets the variables of $scheduler that hostOf reads', ({ scheduler }) => {
    const variables = schedulerEnvironment(scheduler, { count: 3, index: 2 });
    Object.assign(process.env, variables);
    try {
      expect(hostOf({ count: 3 })).toMatchObject({ count: 3, index: 2, scheduler });
    } finally {
      for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name);
    }
  });

  it('sets no variables without a scheduler', () => {
    expect(schedulerEnvironment(undefined, { count: 3, index: 2 })).toEqual({});
  });
});
