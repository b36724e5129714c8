using System.Buffers.Binary;
using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Connect.Files;

namespace Ieum.Bench.Fuzz;

/// <summary>Files that people bring: workbooks and gauge files.</summary>
internal static partial class FuzzTargets
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", Rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    /// <summary>The parts of a workbook in the order of the inputs' first byte.</summary>
    private static readonly (string Name, string Xml)[] Parts =
    [
        ("xl/workbook.xml", $"""<workbook xmlns="{Main}" xmlns:r="{Rel}"><workbookPr/><sheets><sheet name="측정" sheetId="1" r:id="rId1"/></sheets></workbook>"""),
        ("xl/worksheets/sheet1.xml", $"""<worksheet xmlns="{Main}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>측정시각</t></is></c><c r="B1" t="inlineStr"><is><t>내경(mm)</t></is></c><c r="C1" t="s"><v>0</v></c></row><row r="2"><c r="A2" s="1"><v>46083.708333333336</v></c><c r="B2"><v>12.5</v></c><c r="C2" t="s"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="D4:E5"/></mergeCells></worksheet>"""),
        ("xl/styles.xml", $"""<styleSheet xmlns="{Main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy/mm/dd\ hh:mm:ss"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"""),
        ("xl/sharedStrings.xml", $"""<sst xmlns="{Main}"><si><t>판정</t></si><si><r><t>O</t></r><r><t>K</t></r></si></sst>"""),
        ("xl/_rels/workbook.xml.rels", $"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{Rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"""),
    ];

    private static IEnumerable<FuzzTarget> FileTargets()
    {
        yield return Xlsx();
        const string Qif = """<QIFDocument xmlns="http://qifstandards.org/xsd/qif2"><Characteristics><LengthCharacteristicDefinition id="1"><Name>d</Name><Tolerance><MaxValue>0.1</MaxValue><MinValue>-0.1</MinValue><DefinedAsLimit>false</DefinedAsLimit></Tolerance></LengthCharacteristicDefinition><LengthCharacteristicNominal id="2"><CharacteristicDefinitionId>1</CharacteristicDefinitionId><TargetValue>12.5</TargetValue></LengthCharacteristicNominal><LengthCharacteristicItem id="3"><Name>내경</Name><CharacteristicNominalId>2</CharacteristicNominalId></LengthCharacteristicItem></Characteristics><MeasurementsResults><MeasurementResults id="4"><MeasuredCharacteristics><LengthCharacteristicActual id="5"><CharacteristicItemId>3</CharacteristicItemId><Value>12.53</Value></LengthCharacteristicActual></MeasuredCharacteristics></MeasurementResults></MeasurementsResults></QIFDocument>""";
        yield return new("gauge", [Utf8(Qif), Utf8("part,characteristic,value,lower,upper\nS1,bore,12.503,12.4,12.6\n"), Utf8("부품;특성;값\nS1;내경;12,5\n")], bytes =>
        {
            var file = GaugeFile.Read(bytes);
            Must(file.Problems.All(p => p.Message.Length > 0 && p.Line >= 0), "A problem has a reason.");
            return file.Values.Length > 0;
        });
    }

    /// <summary>An input is a whole file, or one part of a sound one: its number, then its text. So the damage reaches what lies behind the checksums of the archive.</summary>
    private static FuzzTarget Xlsx()
    {
        var settings = Connection("files", "/") with
        {
            Points = [new("bore", "내경(mm)") { Unit = "MMT" }, new("result", "판정") { Type = "text" }],
            Options = ImmutableDictionary<string, string>.Empty.Add("time", "측정시각").Add("offset", "+09:00"),
        };
        var options = FilesOptions.Read(settings);
        var rows = new FileRows(settings, options);
        return new("files-xlsx", [Pack(-1, []), .. Parts.Select((p, i) => (byte[])[(byte)i, .. Utf8(p.Xml)])], bytes =>
        {
            var file = bytes is [var part, ..] && part < Parts.Length ? Pack(part, bytes.AsSpan(1)) : bytes;
            var faults = new List<FileFault>();
            try
            {
                using var book = new Workbook(file, options.Sheet, options.MostBytes);
                return rows.Read(book, Now, Now, _ => false, faults, []).Count > 0;
            }
            catch (WorkbookException refused)
            {
                Must(refused.Message.Length > 0, "A refusal needs a reason.");
                return false;
            }
        });
    }

    /// <summary>The sound parts with one of them changed, packed without compression (APPNOTE 4.3): an archive in microseconds, so that the time goes to the reader.</summary>
    /// <param name="changed">Which part is replaced by <paramref name="text"/>; -1: none.</param>
    private static byte[] Pack(int changed, ReadOnlySpan<byte> text)
    {
        var size = Zipped.Sum(p => 30 + 46 + 2 * p.Name.Length + p.Data.Length) + 22 + (changed < 0 ? 0 : text.Length - Zipped[changed].Data.Length);
        var bytes = new byte[size];
        var places = new int[Zipped.Length];
        var at = 0;
        for (var i = 0; i < Zipped.Length; i++)
        {
            places[i] = at;
            Head(0x04034B50, i, text).CopyTo(bytes.AsSpan(at));
            Zipped[i].Name.CopyTo(bytes, at + 30);
            at += 30 + Zipped[i].Name.Length;
            var data = i == changed ? text : Zipped[i].Data;
            data.CopyTo(bytes.AsSpan(at));
            at += data.Length;
        }
        var directory = at;
        for (var i = 0; i < Zipped.Length; i++)
        {
            // The same fields as in front of the data, two bytes further, and where those stand.
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), 0x02014B50);
            bytes[at + 4] = 20;
            bytes.AsSpan(places[i] + 4, 26).CopyTo(bytes.AsSpan(at + 6));
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + 42), places[i]);
            Zipped[i].Name.CopyTo(bytes, at + 46);
            at += 46 + Zipped[i].Name.Length;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), 0x06054B50);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at + 8), (short)Zipped.Length);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at + 10), (short)Zipped.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + 12), at - directory);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + 16), directory);
        return bytes;

        byte[] Head(uint mark, int part, ReadOnlySpan<byte> replaced)
        {
            var (head, sum, length) = (new byte[30], Zipped[part].Sum, Zipped[part].Data.Length);
            if (part == changed) (sum, length) = (Crc32(replaced), replaced.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(head, mark);
            head[4] = 20;
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(14), sum);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(18), length);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(22), length);
            BinaryPrimitives.WriteInt16LittleEndian(head.AsSpan(26), (short)Zipped[part].Name.Length);
            return head;
        }
    }

    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(i => Enumerable.Range(0, 8).Aggregate((uint)i, (c, _) => (c & 1) == 0 ? c >> 1 : 0xEDB88320 ^ c >> 1))];

    private static readonly (byte[] Name, byte[] Data, uint Sum)[] Zipped = [.. Parts.Select(p => (Utf8(p.Name), Utf8(p.Xml), Crc32(Utf8(p.Xml))))];

    /// <summary>The checksum of archives (APPNOTE 4.4.7), not the one of our own records.</summary>
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var b in bytes) sum = CrcTable[(byte)(sum ^ b)] ^ sum >> 8;
        return ~sum;
    }
}
