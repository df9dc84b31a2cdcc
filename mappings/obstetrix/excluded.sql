-- Nothing of this source is left out; its test patients were removed before the export.
select PATNR as source_table, PATNR as row_key, PATNR as rule from patient where false
