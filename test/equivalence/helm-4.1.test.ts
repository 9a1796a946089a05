import { describeEquivalence } from './describe-equivalence.ts';

describeEquivalence('4.1');
