import { textParsersWithstandGarbage } from '../../../test/garbage.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import {
  BasicPensionNumber,
  CorporateNumber,
  drawResidentRecordCode,
  findNumbers,
  IndividualNumber,
  InsurerNumber,
  parseLocalGovernmentCode,
  ResidentRecordCode,
} from './index.ts';

const residentCode = drawResidentRecordCode(seededRandomness('parsers')).reveal();

textParsersWithstandGarbage([
  { name: 'IndividualNumber.parse', specimen: '１２３４-5678 9018', parse: (t) => IndividualNumber.parse(t) },
  { name: 'ResidentRecordCode.parse', specimen: residentCode, parse: (t) => ResidentRecordCode.parse(t) },
  { name: 'CorporateNumber.parse', specimen: '7000012050002', parse: (t) => CorporateNumber.parse(t) },
  { name: 'BasicPensionNumber.parse', specimen: '1234-567890', parse: (t) => BasicPensionNumber.parse(t) },
  { name: 'InsurerNumber.parse', specimen: '06139992', parse: (t) => InsurerNumber.parse(t) },
  { name: 'parseLocalGovernmentCode', specimen: '202029', parse: parseLocalGovernmentCode },
  { name: 'findNumbers', specimen: '個人番号：1234 5678 9018（見本）', parse: (t) => findNumbers(t) },
]);
