using Ieum.Model;
using Ieum.Node.Store.Config;

namespace Ieum.Node;

/// <summary>How a node is started.</summary>
/// <param name="DataFolder">Everything the node keeps lies here.</param>
/// <param name="Bind">Address to listen on; loopback unless somebody chose otherwise.</param>
/// <param name="Port">Port of pages and API; 0 takes a free one.</param>
/// <param name="Announce">Told once with the address, and on a first start with the owner's one-time link.</param>
internal sealed record NodeSetup(NodeConfig Config, string DataFolder, string Bind, int Port, Clocks Clocks, Action<NodeAddress> Announce);

/// <param name="OwnerLink">Where the first owner is made; null when there is one.</param>
internal sealed record NodeAddress(string Url, string? OwnerLink);
