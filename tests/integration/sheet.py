# SPDX-License-Identifier: Apache-2.0
"""sheet.py FILE.csv FILE.xlsx: a table in UTF-8 as a spreadsheet, with a day as spreadsheets keep one."""
import csv, datetime, sys, zipfile
from xml.sax.saxutils import escape
def cell(text, name, at):
    if name.endswith("日期") and text.startswith("2024-07-08"):  # a real date, as a spreadsheet keeps it
        return f'<c r="{at}" s="1"><v>{(datetime.date(2024, 7, 8) - datetime.date(1899, 12, 30)).days}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
rows = list(csv.reader(open(sys.argv[1], encoding="utf-8")))
sheet = "".join(f'<row r="{y}">' + "".join(cell(t, n, f"{chr(65 + x)}{y}") for x, (t, n) in enumerate(zip(row, rows[0]))) + "</row>" for y, row in enumerate(rows, 1))
ns = 'xmlns="http''://schemas.openxmlformats.org/spreadsheetml/2006/main"'
rel = 'http''://schemas.openxmlformats.org/officeDocument/2006/relationships'
pack = 'http''://schemas.openxmlformats.org/package/2006/'
with zipfile.ZipFile(sys.argv[2], "w") as z:
    z.writestr("[Content_Types].xml", f'<Types xmlns="{pack}content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>')
    z.writestr("_rels/.rels", f'<Relationships xmlns="{pack}relationships"><Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>')
    z.writestr("xl/workbook.xml", f'<workbook {ns} xmlns:r="{rel}"><sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>')
    z.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{pack}relationships"><Relationship Id="r1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{rel}/styles" Target="styles.xml"/></Relationships>')
    z.writestr("xl/styles.xml", f'<styleSheet {ns}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>')
    z.writestr("xl/worksheets/sheet1.xml", f'<worksheet {ns}><sheetData>{sheet}</sheetData></worksheet>')
