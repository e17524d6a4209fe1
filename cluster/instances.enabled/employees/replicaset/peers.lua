-- A connection to each peer, as the replicator. Tells at once when one breaks, and whether the peer's process is
-- gone: a process that dies closes its sockets, and then its port refuses.
local errno = require('errno')
local fiber = require('fiber')
local net_box = require('net.box')
local socket = require('socket')

local CONNECT_TIMEOUT = 0.5
local RETRY_PAUSE = 0.05

local Peer = {}
Peer.__index = Peer

local function split(uri)
    local host, port = uri:match('^%[?(.-)%]?:(%d+)$')
    return host, tonumber(port)
end

-- Is somebody listening there? 'yes', 'refused' (the process is gone) or 'silent'.
local function probe(uri)
    local host, port = split(uri)
    local connection = socket.tcp_connect(host, port, CONNECT_TIMEOUT)
    if connection ~= nil then
        connection:close()
        return 'yes'
    end
    return errno() == errno.ECONNREFUSED and 'refused' or 'silent', errno.strerror()
end

function Peer:serve_connection()
    local connection = net_box.connect(self.uri, {
        user = self.login,
        password = self.password,
        connect_timeout = CONNECT_TIMEOUT,
    })
    if connection.state ~= 'active' then
        self.problem = tostring(connection.error)
        connection:close()
        return
    end
    local broken = fiber.cond()
    connection:on_disconnect(function() broken:broadcast() end)
    self.connection = connection
    self.gone = false
    self.problem = nil
    self.on_change(self)
    while connection.state == 'active' do
        broken:wait(1)
    end
    self.connection = nil
    self.problem = 'Connection closed'
    connection:close()
end

function Peer:run()
    while true do
        local answer, problem = probe(self.uri)
        self.is_listening = answer == 'yes'
        if answer == 'yes' then
            self:serve_connection()
        else
            self.problem = ('connect to %s: %s'):format(self.uri, problem)
            local gone = answer == 'refused'
            if gone ~= self.gone then
                self.gone = gone
                self.on_change(self)
            end
            fiber.sleep(RETRY_PAUSE)
        end
        if self.connection == nil and not self.gone then
            fiber.sleep(0.001)
        end
    end
end

-- Calls a function on the peer. Returns its first result, or nil and the reason.
function Peer:call(name, arguments, timeout)
    local connection = self.connection
    if connection == nil then
        return nil, self.problem
    end
    local done, result = pcall(connection.call, connection, name, arguments, {timeout = timeout})
    if not done then
        return nil, tostring(result)
    end
    return result
end

local peers = {}

-- Keeps a connection to each of `list` ({name, uri, login, password}). `on_change(peer)` is called when one is made
-- and when a peer's process is found gone. Returns {name -> peer} and the way to stop.
function peers.connect(list, on_change)
    local by_name, fibers = {}, {}
    for _, peer in ipairs(list) do
        local this = setmetatable({
            name = peer.name, uri = peer.uri, login = peer.login, password = peer.password,
            gone = false, is_listening = false, connection = nil, problem = 'Not connected yet', on_change = on_change,
        }, Peer)
        by_name[peer.name] = this
        local worker = fiber.new(this.run, this)
        worker:name('peer_' .. peer.name, {truncate = true})
        table.insert(fibers, worker)
    end
    return by_name, function()
        for _, worker in ipairs(fibers) do
            pcall(worker.cancel, worker)
        end
        for _, peer in pairs(by_name) do
            if peer.connection ~= nil then
                peer.connection:close()
            end
        end
    end
end

-- Asks all peers at once. `enough(answers)` is asked after each answer and returns true to stop waiting; answers are
-- {name -> first result}. Returns them.
function peers.ask_all(by_name, name, arguments, timeout, enough)
    local answers = {}
    local answered = fiber.cond()
    local pending = 0
    for _, peer in pairs(by_name) do
        if peer.connection ~= nil then
            pending = pending + 1
            local asker = fiber.new(function()
                answers[peer.name] = peer:call(name, arguments, timeout)
                pending = pending - 1
                answered:broadcast()
            end)
            asker:name('ask_' .. peer.name, {truncate = true})
        end
    end
    local deadline = fiber.clock() + timeout
    while pending > 0 and not enough(answers) and fiber.clock() < deadline do
        answered:wait(deadline - fiber.clock())
    end
    return answers
end

return peers
