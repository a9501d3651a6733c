import type { ResidentRecordCode } from '../core/numbers/index.ts';
import type { MunicipalityCode } from '../ground/ids.ts';

/**
 * The header of a resident file, in order: the contract between the writer here and the importer of records/register,
 * which may not import this room.
 */
export const residentFileColumns = [
  '宛名番号',
  '世帯番号',
  '氏名',
  '氏名カナ',
  '旧氏',
  '通称',
  '生年月日',
  '性別',
  '続柄',
  '郵便番号',
  '住所',
  '住民票コード',
  '異動事由',
  '異動日',
] as const;
export type ResidentFileColumn = (typeof residentFileColumns)[number];

/** What is true of a sample resident, whatever his row in the file looks like. */
export interface KnownTruth {
  /** Base characters: no variant shapes, no variation selectors. */
  readonly surname: string;
  readonly givenName: string;
  readonly surnameKana: string;
  readonly givenNameKana: string;
  /** ISO YYYY-MM-DD. */
  readonly birthDate: string;
  /** ISO, or '' where there is no event. */
  readonly eventDate: string;
  readonly sex: 'male' | 'female';
  /** ISO 3166-1 alpha-2. */
  readonly nationality: string;
  /** Completed years on the sample's day. */
  readonly age: number;
  /** How the written name differs: not at all, by a variant character, or by a variation selector. */
  readonly shape: 'base' | 'variant' | 'selector';
  /** Address numbers of the parents who live in the household. */
  readonly parents: readonly string[];
}

/** One resident of a synthetic town, with the texts as the file states them. */
export interface SampleResident {
  /** No person: the numbers are drawn, the names are combined by chance. */
  readonly synthetic: true;
  readonly municipality: MunicipalityCode;
  /** 10 digits or more; those of the sample begin with 99, household numbers with 98. */
  readonly addressNumber: string;
  readonly householdNumber: string;
  readonly name: string;
  readonly nameKana: string;
  readonly formerName: string;
  readonly alias: string;
  readonly birthDate: string;
  readonly sex: '男' | '女';
  readonly relation: string;
  readonly postcode: string;
  readonly address: string;
  readonly residentRecordCode: ResidentRecordCode;
  readonly event: string;
  readonly eventDate: string;
  readonly truth: KnownTruth;
}

/** The cells of a resident's row, in the order of `residentFileColumns`. The resident record code comes out here. */
export function residentCells(resident: SampleResident): string[] {
  return [
    resident.addressNumber,
    resident.householdNumber,
    resident.name,
    resident.nameKana,
    resident.formerName,
    resident.alias,
    resident.birthDate,
    resident.sex,
    resident.relation,
    resident.postcode,
    resident.address,
    resident.residentRecordCode.reveal(),
    resident.event,
    resident.eventDate,
  ];
}
