using Ieum.OpcUa.Generator;

// Ieum.OpcUa.Generator DICTIONARY-FOLDER OUTPUT-FOLDER: rewrites the *.g.cs of src/Ieum.Connect/OpcUa/Types.
if (args is not [var dictionary, var output]) return 2;
foreach (var (name, text) in Writer.Files(Dictionary.Read(dictionary))) File.WriteAllText(Path.Combine(output, name), text);
return 0;
