import { describeEquivalence } from './describe-equivalence.ts';

describeEquivalence('3.17');
