using System.CommandLine;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ieum.Node.Cli;

internal static class VersionVerb
{
    public static Command Make()
    {
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var verb = new Command("version", "Prints the version and what it runs on.") { json };
        verb.SetAction(parsed =>
        {
            var version = typeof(VersionVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
            var (framework, system) = (System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription, System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier);
            Terminal.Answer(parsed.GetValue(json)
                ? new JsonObject { ["version"] = version, ["framework"] = framework, ["system"] = system }.ToJsonString(new JsonSerializerOptions(JsonSerializerDefaults.Web))
                : $"ieum {version} ({framework}, {system})");
            return 0;
        });
        return verb;
    }
}
